/**
 * Reading SSTables of the versions nb, oa and da: what Statistics.db says, where token ranges lie in Data.db by the
 * SSTable's own index, and a {@link dev.hindsight.codec.bytes.Window} over the verified, uncompressed bytes of them. Called
 * by {@code synthesis.fetch}. Everything here is of one thread unless it says otherwise, keeps little memory whatever the
 * size of the SSTable, and throws {@link dev.hindsight.codec.bytes.MalformedException} for wrong bytes.
 */
package dev.hindsight.codec.sstable.read;
