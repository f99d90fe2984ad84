package dev.hindsight.agent.node;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.management.InstanceNotFoundException;
import javax.management.MBeanServerConnection;
import javax.management.Notification;
import javax.management.NotificationListener;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of the node's streams: by JMX notifications, whose content is of the JDK's own types, and by asking for those that run,
 * so that one that fails, which is told of without its name, is known as well. Thread-safe. Source: {@code
 * StreamEventJMXNotifier}, {@code StreamStateCompositeData}, {@code SessionInfoCompositeData} 5.0.9.
 */
final class StreamListener implements NotificationListener {
    private static final Logger LOG = LoggerFactory.getLogger(StreamListener.class);
    private static final String SUCCESS = "org.apache.cassandra.streaming.StreamEvent.success";
    private static final int MOST_PLANS = 1000;
    private static final int MOST_ENDED = 10_000;
    /** So much earlier than its first notification came a stream had not begun to send. */
    private static final long EARLIER_NANOS = 2_000_000_000L;

    /** What is known of one that has not ended. */
    private static final class Plan {
        final long sinceNanos = System.nanoTime();
        /** Notifications do not say it before the end. */
        @Nullable
        String operation;

        final Set<UUID> tables = new HashSet<>();
        final Set<String> files = new HashSet<>();

        void state(CompositeData state) {
            operation = String.valueOf(state.get("description"));
            all(state, "sessions").forEach(this::session);
        }

        void session(CompositeData session) {
            all(session, "receivingSummaries")
                    .forEach(summary -> tables.add(UUID.fromString(String.valueOf(summary.get("tableId")))));
            all(session, "receivingFiles").forEach(file -> files.add(String.valueOf(file.get("fileName"))));
        }

        StreamsSeen.Stream seen(String of) {
            return new StreamsSeen.Stream(of, System.nanoTime() - sinceNanos + EARLIER_NANOS, tables, files);
        }

        private static List<CompositeData> all(CompositeData of, String item) {
            return of.get(item) instanceof CompositeData[] several ? List.of(several) : List.of();
        }
    }

    private final ObjectName streams;
    /** The connection that is listened on; kept so that it can be told from a new one. */
    private @Nullable MBeanServerConnection heard;

    private final Map<String, Plan> plans = new LinkedHashMap<>();
    private final List<StreamsSeen.Stream> ended = new ArrayList<>();
    /** Names of those that ended last. */
    private final Set<String> over = new LinkedHashSet<>();

    StreamListener(ObjectName streams) {
        this.streams = streams;
    }

    /** Listens on this connection from now on, unless it does so already, and gives what it has heard. */
    StreamsSeen hear(MBeanServerConnection node) throws Exception {
        boolean fresh;
        synchronized (this) {
            fresh = !node.equals(heard);
        }
        if (fresh) {
            try {
                node.addNotificationListener(streams, this, null, null);
            } catch (InstanceNotFoundException e) {
                // The node has not come far enough in its start; it cannot stream either.
                return new StreamsSeen(List.of(), List.of());
            } catch (SecurityException e) {
                LOG.warn(
                        "streams not listened to, those that run when the node is asked are known cause={}"
                                + " hint=let the agent's JMX user add notification listeners to {}",
                        e.toString(),
                        streams);
            }
            synchronized (this) {
                heard = node;
            }
        }
        Set<?> current = (Set<?>) node.getAttribute(streams, "CurrentStreams");
        synchronized (this) {
            List<StreamsSeen.Stream> running = new ArrayList<>();
            Set<String> names = new HashSet<>();
            for (Object one : current) {
                if (one instanceof CompositeData state
                        && state.containsKey("planId")
                        && !over.contains(String.valueOf(state.get("planId")))) {
                    String name = String.valueOf(state.get("planId"));
                    names.add(name);
                    Plan plan = plan(name);
                    plan.state(state);
                    running.add(plan.seen(String.valueOf(plan.operation)));
                }
            }
            endOthers(names);
            List<StreamsSeen.Stream> out = List.copyOf(ended);
            ended.clear();
            return new StreamsSeen(running, out);
        }
    }

    /** Those that were seen running and are not any more; one whose notification comes yet ends twice, with all its files. */
    private void endOthers(Set<String> running) {
        Iterator<Map.Entry<String, Plan>> all = plans.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<String, Plan> one = all.next();
            String operation = one.getValue().operation;
            if (operation != null && !running.contains(one.getKey())) {
                all.remove();
                end(one.getValue().seen(operation));
            }
        }
    }

    private void end(StreamsSeen.Stream stream) {
        if (ended.size() < MOST_ENDED) {
            ended.add(stream);
        }
    }

    private Plan plan(String name) {
        Plan plan = plans.computeIfAbsent(name, key -> new Plan());
        if (plans.size() > MOST_PLANS) {
            plans.keySet().remove(plans.keySet().iterator().next());
        }
        return plan;
    }

    @Override
    public void handleNotification(Notification notification, Object handback) {
        if (!(notification.getUserData() instanceof CompositeData data) || !data.containsKey("planId")) {
            return;
        }
        String name = String.valueOf(data.get("planId"));
        synchronized (this) {
            Plan plan = plan(name);
            if (SUCCESS.equals(notification.getType())) {
                plan.state(data);
                plans.remove(name);
                over.add(name);
                if (over.size() > MOST_PLANS) {
                    over.remove(over.iterator().next());
                }
                end(plan.seen(String.valueOf(plan.operation)));
            } else if (data.containsKey("receivingSummaries")) {
                plan.session(data);
            } else if (data.containsKey("fileName") && "IN".equals(data.get("direction"))) {
                plan.files.add(String.valueOf(data.get("fileName")));
            }
        }
    }
}
