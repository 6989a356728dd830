"""The review UI 核对工作界面: pages made from the very documents of the REST interface."""
