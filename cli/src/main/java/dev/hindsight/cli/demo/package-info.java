/**
 * {@code demo}: a real ring, data, a backup, a disaster, a restore into another ring, a comparison. Uses the command's own
 * verbs and processes; everything it starts it ends. One thread.
 */
@NullMarked
package dev.hindsight.cli.demo;

import org.jspecify.annotations.NullMarked;
