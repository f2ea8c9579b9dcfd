namespace RemoteTasks.FakeFleet;
internal static class Placeholder;
