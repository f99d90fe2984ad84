/**
 * The process beside each node: {@link dev.hindsight.agent.AgentServer} puts the parts together and listens. Blocking
 * style on a bounded pool of threads; its memory does not depend on the sizes of files.
 */
package dev.hindsight.agent;
