"""The verification report 核对报告: content and number, rendering, the public check."""
