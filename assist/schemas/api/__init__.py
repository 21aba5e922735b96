"""What programs send to the API and get from it. Unknown fields are refused; every text has a bound."""
