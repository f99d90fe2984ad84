/** Bytes in motion: reading past the page cache, and the limits over all streams. Safe for several threads where said. */
package dev.hindsight.agent.stream;
