/**
 * Temporary directories and their end: {@link dev.hindsight.engine.scratch.ScratchDirectory} belongs to one task or one
 * run and is gone after it. Called by tasks and by the local engine.
 */
package dev.hindsight.engine.scratch;
