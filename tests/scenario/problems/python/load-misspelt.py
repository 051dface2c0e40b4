# A misspelt name.
import flanksim as fs

fs.load("eastern-flnk")
