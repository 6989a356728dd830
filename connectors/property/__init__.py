"""Property 不动产登记: REST and JSON, paged."""
