"""What leaves the station: CSV, JSON lines, zips and the figures of a report. No Qt."""
