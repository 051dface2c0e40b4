"""What no schedule can beat: bounds on closure, and the price of each capacity."""
