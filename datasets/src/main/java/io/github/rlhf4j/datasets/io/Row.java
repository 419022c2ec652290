package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** One object of a file and the line it starts on, from 1. */
record Row(long line, ObjectNode columns) {}
