"""Starting, finishing and stopping batches from the dashboard, where it is served with --allow-run."""
