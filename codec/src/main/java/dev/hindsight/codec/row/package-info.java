/** Rows as SSTables and mutations hold them: moving over them without decoding, and decoding them without allocating. */
package dev.hindsight.codec.row;
