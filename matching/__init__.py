"""Who is who: compares what two registers know of a person; knows no service and no source."""
