"""Money, projects and time: from per cent of GDP to the network of a year."""
