"""How it is going: figures and charts that areas declare, on the home page and on a page of their own."""
