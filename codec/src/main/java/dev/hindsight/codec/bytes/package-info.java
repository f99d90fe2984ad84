/** Bytes at the lowest level: sources, moving windows over them, vints. */
package dev.hindsight.codec.bytes;
