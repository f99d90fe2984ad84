/**
 * Engines of one machine: {@link dev.hindsight.engine.local.InProcessEngine} for tests and tiny runs, {@link
 * dev.hindsight.engine.local.LocalEngine} with worker processes. The coordinator and its workers speak lines of JSON over
 * the workers' standard streams ({@link dev.hindsight.engine.local.WireMessage}); a worker is a process whose main calls
 * {@link dev.hindsight.engine.local.WorkerLoop}.
 */
package dev.hindsight.engine.local;
