"""What no schedule can beat: lower bounds on closure, and the price of each capacity."""
