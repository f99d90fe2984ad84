/**
 * One class for each verb: its options, what it asks of {@code operations}, and how the answer looks. A verb returns an
 * {@link dev.hindsight.cli.output.Outcome}; it prints nothing but progress by itself.
 */
@NullMarked
package dev.hindsight.cli.verb;

import org.jspecify.annotations.NullMarked;
