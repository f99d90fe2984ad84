/** Writing SSTables of the versions nb and oa with all their components. */
package dev.hindsight.codec.sstable.write;
