"""The SQL console's page, part by part: what can be asked, the answers, their table, chart and files."""
