/**
 * What the command line prints: the result on stdout as tables or as one JSON document, progress and errors on stderr.
 * Nothing here decides anything; verbs hand over an {@link dev.hindsight.cli.output.Outcome}.
 */
@NullMarked
package dev.hindsight.cli.output;

import org.jspecify.annotations.NullMarked;
