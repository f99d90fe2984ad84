/**
 * Which instants of a table can be restored, and what each holds for sure: arithmetic on evidence, no input and no output.
 */
package dev.hindsight.model.window;
