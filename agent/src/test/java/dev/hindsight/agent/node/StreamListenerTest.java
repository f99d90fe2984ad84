package dev.hindsight.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.Notification;
import javax.management.NotificationBroadcasterSupport;
import javax.management.ObjectName;
import javax.management.StandardEmitterMBean;
import javax.management.openmbean.ArrayType;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a bean with the attribute and the notifications of Cassandra 5.0.9, as far as they are used. */
class StreamListenerTest {
    private static final UUID TABLE = new UUID(7, 7);
    private static final String EVENT = "org.apache.cassandra.streaming.StreamEvent";

    public interface Streams {
        Set<CompositeData> getCurrentStreams();
    }

    private final NotificationBroadcasterSupport notifications = new NotificationBroadcasterSupport();
    private final Set<CompositeData> current = new HashSet<>();
    private final MBeanServer server = MBeanServerFactory.newMBeanServer();
    private ObjectName name;
    private StreamListener listener;
    private long number;

    @BeforeEach
    void listen() throws Exception {
        name = new ObjectName("org.apache.cassandra.net:type=StreamManager");
        listener = new StreamListener(name);
        assertThat(listener.hear(server)).as("not there yet").isEqualTo(new StreamsSeen(List.of(), List.of()));
        server.registerMBean(
                new StandardEmitterMBean((Streams) () -> Set.copyOf(current), Streams.class, notifications), name);
        assertThat(listener.hear(server).ended()).isEmpty();
    }

    private static CompositeData data(Map<String, Object> values) throws Exception {
        String[] names = values.keySet().toArray(String[]::new);
        OpenType<?>[] types = new OpenType<?>[names.length];
        for (int i = 0; i < names.length; i++) {
            Object value = values.get(names[i]);
            types[i] = value instanceof CompositeData[] several
                    ? ArrayType.getArrayType(several[0].getCompositeType())
                    : SimpleType.STRING;
        }
        return new CompositeDataSupport(new CompositeType("t", "d", names, names, types), new HashMap<>(values));
    }

    private static CompositeData session(String plan, String... files) throws Exception {
        CompositeData[] received = new CompositeData[files.length];
        for (int i = 0; i < files.length; i++) {
            received[i] = data(Map.of("fileName", files[i]));
        }
        Map<String, Object> values = new HashMap<>(Map.of(
                "planId", plan, "receivingSummaries", new CompositeData[] {data(Map.of("tableId", TABLE.toString()))}));
        if (files.length > 0) {
            values.put("receivingFiles", received);
        } else {
            values.put("receivingFiles", "none");
        }
        return data(values);
    }

    private static CompositeData state(String plan, String operation, String... files) throws Exception {
        return data(Map.of(
                "planId", plan, "description", operation, "sessions", new CompositeData[] {session(plan, files)}));
    }

    private void tell(String type, @Nullable Object data) {
        Notification notification = new Notification(type, name, number++);
        notification.setUserData(data);
        notifications.sendNotification(notification);
    }

    @Test
    void aStreamThatEndsIsTellingWhatItBrought() throws Exception {
        tell(EVENT + ".SessionPreparedEvent", session("a"));
        tell(
                EVENT + ".ProgressEvent",
                data(Map.of("planId", "a", "fileName", "/d/t-1/nb-2-big-Data.db", "direction", "IN")));
        tell(EVENT + ".ProgressEvent", data(Map.of("planId", "a", "fileName", "/sent", "direction", "OUT")));
        assertThat(listener.hear(server).ended()).isEmpty();
        tell(EVENT + ".success", state("a", "Repair", "/d/t-1/nb-1-big-Data.db"));
        StreamsSeen seen = listener.hear(server);

        assertThat(seen.running()).isEmpty();
        assertThat(seen.ended()).hasSize(1);
        assertThat(seen.ended().get(0).isOfReplicas()).isTrue();
        assertThat(seen.ended().get(0).tables()).containsExactly(TABLE);
        assertThat(seen.ended().get(0).files())
                .containsExactlyInAnyOrder("/d/t-1/nb-1-big-Data.db", "/d/t-1/nb-2-big-Data.db");
        assertThat(seen.ended().get(0).tookNanos()).isGreaterThan(1_000_000_000L);
        assertThat(listener.hear(server).ended()).as("once").isEmpty();
    }

    @Test
    void aStreamThatFailsEndsWhenItRunsNoMore() throws Exception {
        current.add(state("a", StreamsSeen.BULK_LOAD, "/d/t-1/nb-1-big-Data.db"));
        assertThat(listener.hear(server).running()).hasSize(1);
        tell(
                EVENT + ".ProgressEvent",
                data(Map.of("planId", "a", "fileName", "/d/t-1/nb-2-big-Data.db", "direction", "IN")));
        tell(EVENT + ".failure", "java.lang.RuntimeException: Stream failed");
        current.clear();
        StreamsSeen seen = listener.hear(server);

        assertThat(seen.running()).isEmpty();
        assertThat(seen.ended()).hasSize(1);
        assertThat(seen.ended().get(0).isOfReplicas()).isFalse();
        assertThat(seen.ended().get(0).files()).hasSize(2);
        assertThat(listener.hear(server).ended()).isEmpty();
    }

    @Test
    void aStreamThatHasEndedIsNotRunningThoughTheNodeStillLists() throws Exception {
        current.add(state("a", "Rebuild"));
        listener.hear(server);
        tell(EVENT + ".success", state("a", "Rebuild"));
        StreamsSeen seen = listener.hear(server);
        current.clear();

        assertThat(seen.running()).isEmpty();
        assertThat(seen.ended()).hasSize(1);
        assertThat(listener.hear(server).ended()).isEmpty();
    }

    @Test
    void streamsThatNeverEndTakeNoMoreThanSomeRoom() throws Exception {
        for (int i = 0; i < 5000; i++) {
            tell(EVENT + ".SessionPreparedEvent", session("plan" + i));
        }
        tell(EVENT + ".success", "nonsense");
        tell(EVENT + ".success", null);

        assertThat(listener.hear(server)).isEqualTo(new StreamsSeen(List.of(), List.of()));
    }
}
