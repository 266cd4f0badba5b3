"""七个一批: the faces of the pipeline: the board and its moves, lists, flows, charts."""
