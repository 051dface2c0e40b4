"""Which way each lot goes, on which ship, and before whom: one function a strategy.

A strategy takes the loads, the options of each, and the workload that lots of them make, and gives lots in the order in
which they are sent. It may give them one by one: programs are numbered as they are asked for.
"""
