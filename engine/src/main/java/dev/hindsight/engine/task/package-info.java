/**
 * The shard tasks themselves. {@link dev.hindsight.engine.task.ShardTaskRunner} runs any of them on the calling thread;
 * it is what every engine calls, in process or in a worker. A task reads its plan object, does its work, and creates one
 * object that says so; run again it finds that object and returns it.
 */
package dev.hindsight.engine.task;
