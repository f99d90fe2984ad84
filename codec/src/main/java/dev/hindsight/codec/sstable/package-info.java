/** SSTables of the versions nb, oa and da: reading their components and finding token ranges; writing nb and oa. */
package dev.hindsight.codec.sstable;
