"""Five applications, their registers, and their profiles worked out by hand."""
