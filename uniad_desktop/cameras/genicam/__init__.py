"""GenICam cameras through harvesters, each in a process of its own."""
