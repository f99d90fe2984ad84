/**
 * Shard tasks and who runs them. A {@link dev.hindsight.engine.ShardTask} is a small reference to a plan object in the
 * repository; the truth of its result is the object it creates there, so any task may be run twice, anywhere. The
 * coordinator ({@code operations}) calls a {@link dev.hindsight.engine.ShardEngine}; the same task code runs in process
 * (tests) or in {@code hindsight worker} processes.
 */
package dev.hindsight.engine;
