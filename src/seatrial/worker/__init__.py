"""Work that outlives its process: the durable engine behind `services.jobs`, and who takes over when a process dies."""
