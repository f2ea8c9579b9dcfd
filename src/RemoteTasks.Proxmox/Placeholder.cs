namespace RemoteTasks.Proxmox;
internal static class Placeholder;
