"""What this machine has and lacks, and what to do about each."""
