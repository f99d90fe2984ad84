/**
 * The node beside the agent: {@link dev.hindsight.agent.node.NodeControl} is the seam to it (JMX, or a fake in tests),
 * {@link dev.hindsight.agent.node.GuardedNode} what the rest of the agent uses. Safe for several threads.
 */
package dev.hindsight.agent.node;
