"""Insurance policies 保险: inquiries that are submitted and answered by a signed call or a poll."""
