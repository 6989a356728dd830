"""What persons decide: the worklist, judgements, objections, audit samples."""
