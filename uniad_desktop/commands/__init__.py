"""The subcommands of ``uniad-desktop``: one module each, loaded only when it is called."""
