"""What is paid in and built: 到账资金, the year's investment plan, 完成投资, and the rates between currencies."""
