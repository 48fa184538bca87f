"""Built wheels: what is in them, the policy they hold, their repair, and what is wrong with them."""
