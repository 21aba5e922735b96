"""What an editor would strike out of a talk track, in three languages."""
