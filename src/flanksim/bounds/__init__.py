"""What no schedule can beat: lower bounds on closure, and what one more of a capacity takes off them."""
