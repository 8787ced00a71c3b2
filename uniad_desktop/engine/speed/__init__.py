"""How fast a package runs on this machine: what ``uniad-desktop benchmark`` measures."""
