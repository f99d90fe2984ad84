/** The synthesiser on our own SSTable code: fetched inputs, cursors, the merge, our writers. Needs no Cassandra. */
package dev.hindsight.synthesis.cursor;
