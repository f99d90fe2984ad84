/**
 * What a table holds, as text that is equal for equal content on any cluster. {@link
 * dev.hindsight.testkit.dump.TableDumper} reads, {@link dev.hindsight.testkit.dump.DumpDiff} compares.
 */
@NullMarked
package dev.hindsight.testkit.dump;

import org.jspecify.annotations.NullMarked;
