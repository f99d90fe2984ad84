/**
 * What {@code bench synthesis} merges: {@link dev.hindsight.bench.synthesis.data.DataSet} names the kinds of data, {@link
 * dev.hindsight.bench.synthesis.data.InputMaker} writes them as SSTables, as flushes of three replicas would have. A seed
 * makes the same bytes every time. One thread.
 */
@NullMarked
package dev.hindsight.bench.synthesis.data;

import org.jspecify.annotations.NullMarked;
