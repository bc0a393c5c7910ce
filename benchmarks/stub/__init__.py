"""The backends of the benchmarks: rows of the reference services' shapes, made from the ids that are asked for."""
