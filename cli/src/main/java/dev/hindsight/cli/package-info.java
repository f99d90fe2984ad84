/**
 * The {@code hindsight} command: {@link dev.hindsight.cli.Main} parses, runs one verb, maps whatever happened to an exit
 * code in one place ({@link dev.hindsight.cli.Failures}) and ends the process. Verbs run on the main thread; progress is
 * drawn by a daemon thread; an interrupt lets the verb clean up before the process ends with 130.
 */
@NullMarked
package dev.hindsight.cli;

import org.jspecify.annotations.NullMarked;
