"""Charts: figures as data, the colours of entities, shapes, and how a chart changes in the browser."""
